import { maxScore, type Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

const mebibyte = 1024 * 1024;
const lowest = 23 * mebibyte;
const highestForEach = 1000 * mebibyte;

/** Nodes that have the images already; an image that few nodes have counts less, so that they do not draw all pods. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  wakes: [],
  score: ({ pod }, cluster) => {
    const images = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ image = '' }) => withTag(image));
    const holders = images.map((image) => cluster.nodes.filter((node) => sizeOn(node, image) > 0).length);
    if (holders.every((count) => count === 0)) return undefined;
    const highest = highestForEach * images.length;
    return {
      score: (node) => {
        const sum = images.reduce((total, image, index) => total + sizeOn(node, image) * ((holders[index] ?? 0) / cluster.nodes.length), 0);
        const bounded = Math.min(Math.max(sum, lowest), highest);
        return Math.floor((maxScore * (bounded - lowest)) / (highest - lowest));
      },
    };
  },
};

function sizeOn({ node }: NodeInfo, image: string): number {
  return node?.status?.images?.find(({ names }) => names?.includes(image))?.sizeBytes ?? 0;
}

function withTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
