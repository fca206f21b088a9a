/** The Node.js that instances install, and SHA-256 of its archives (SHASUMS256.txt of the release), by what `uname -m` says. */
export const nodeRelease = {
  version: 'v24.11.1',
  archives: {
    x86_64: { architecture: 'x64', sha256: '60e3b0a8500819514aca603487c254298cd776de0698d3cd08f11dba5b8289a8' },
    aarch64: { architecture: 'arm64', sha256: '6b0863fb9f627bf4a6c5948dce1de4398174a2e05dbe717503d828e211ca01f0' },
  },
};

export const nodeSite = 'https://nodejs.org/dist';
