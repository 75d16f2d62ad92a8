// The pairs of CPU and memory that Fargate supports, PURE.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html

const gigabyte = 1024;

/** Minimum and maximum memory in MiB per number of CPU units, and the step between. */
const memoryByCpu: ReadonlyMap<
  number,
  { readonly min: number; readonly max: number; readonly step: number }
> = new Map([
  [512, { min: gigabyte, max: 4 * gigabyte, step: gigabyte }],
  [1024, { min: 2 * gigabyte, max: 8 * gigabyte, step: gigabyte }],
  [2048, { min: 4 * gigabyte, max: 16 * gigabyte, step: gigabyte }],
  [4096, { min: 8 * gigabyte, max: 30 * gigabyte, step: gigabyte }],
  [8192, { min: 16 * gigabyte, max: 60 * gigabyte, step: 4 * gigabyte }],
  [16384, { min: 32 * gigabyte, max: 120 * gigabyte, step: 8 * gigabyte }],
]);

/** `256`, `.25 vCPU`, `1 vcpu`. NaN for anything else. */
export function cpuUnits(text: string): number {
  const virtual = text.trim().match(/^([\d.]+)\s*vcpu$/i)?.[1];
  if (virtual === undefined) return Number(text);
  return Number(virtual) * 1024;
}

/** `512`, `0.5 GB`, `1GB`. NaN for anything else. */
export function memoryMegabytes(text: string): number {
  const gigabytes = text.trim().match(/^([\d.]+)\s*gb$/i)?.[1];
  if (gigabytes === undefined) return Number(text);
  return Number(gigabytes) * gigabyte;
}

interface UnsupportedSize {
  /** The supported sizes, as a sentence. */
  readonly remedy: string;
  /** False if the size may be newer than this table. */
  readonly certain: boolean;
}

/** undefined: Fargate supports this pair. */
export function findUnsupportedSize(cpu: string, memory: string): UnsupportedSize | undefined {
  const units = cpuUnits(cpu);
  const megabytes = memoryMegabytes(memory);
  if (units === 256) {
    if ([512, 1024, 2048].includes(megabytes)) return undefined;
    return { remedy: "With cpu 256 the memory is 512, 1024 or 2048", certain: true };
  }
  const size = memoryByCpu.get(units);
  if (!size)
    return {
      remedy: `cpu must be one of 256, ${[...memoryByCpu.keys()].join(", ")}`,
      certain: !(units > 16_384),
    };
  const fits =
    megabytes >= size.min && megabytes <= size.max && (megabytes - size.min) % size.step === 0;
  if (fits) return undefined;
  return {
    remedy: `With cpu ${units} the memory goes from ${size.min} to ${size.max} in steps of ${size.step}`,
    certain: true,
  };
}
