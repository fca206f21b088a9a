export type NetworkErrorCode = 'ECONNREFUSED' | 'EHOSTUNREACH' | 'EADDRINUSE' | 'ECONNRESET' | 'EPIPE' | 'ETIMEDOUT';

/** An error as the system's own sockets give it: `code`, `syscall`, `address`, `port`. */
export function systemError(code: NetworkErrorCode, syscall: string, ip: string, port: number): Error {
  return Object.assign(new Error(`${syscall} ${code} ${ip}:${port}`), { code, syscall, address: ip, port });
}
