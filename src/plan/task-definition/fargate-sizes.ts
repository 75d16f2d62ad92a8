// The CPU and memory pairs that Fargate runs, PURE. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html

const gigabyte = 1024;

/** Smallest and largest memory in MiB for so many CPU units, and the step between. */
const sizes: ReadonlyMap<
  number,
  { readonly least: number; readonly most: number; readonly step: number }
> = new Map([
  [512, { least: gigabyte, most: 4 * gigabyte, step: gigabyte }],
  [1024, { least: 2 * gigabyte, most: 8 * gigabyte, step: gigabyte }],
  [2048, { least: 4 * gigabyte, most: 16 * gigabyte, step: gigabyte }],
  [4096, { least: 8 * gigabyte, most: 30 * gigabyte, step: gigabyte }],
  [8192, { least: 16 * gigabyte, most: 60 * gigabyte, step: 4 * gigabyte }],
  [16384, { least: 32 * gigabyte, most: 120 * gigabyte, step: 8 * gigabyte }],
]);

/** `256`, `.25 vCPU`, `1 vcpu`. NaN for anything else. */
export function cpuUnits(text: string): number {
  const virtual = text.trim().match(/^([\d.]+)\s*vcpu$/i)?.[1];
  return virtual === undefined ? Number(text) : Number(virtual) * 1024;
}

/** `512`, `0.5 GB`, `1GB`. NaN for anything else. */
export function memoryMegabytes(text: string): number {
  const gigabytes = text.trim().match(/^([\d.]+)\s*gb$/i)?.[1];
  return gigabytes === undefined ? Number(text) : Number(gigabytes) * gigabyte;
}

export interface WrongSize {
  /** What would fit, as a sentence. */
  readonly cure: string;
  /** False where the size may just be newer than this table. */
  readonly sure: boolean;
}

/** undefined: Fargate runs this pair. */
export function wrongFargateSize(cpu: string, memory: string): WrongSize | undefined {
  const units = cpuUnits(cpu);
  const megabytes = memoryMegabytes(memory);
  if (units === 256)
    return [512, 1024, 2048].includes(megabytes)
      ? undefined
      : { cure: "With cpu 256 the memory is 512, 1024 or 2048", sure: true };
  const size = sizes.get(units);
  if (!size)
    return {
      cure: `cpu must be one of 256, ${[...sizes.keys()].join(", ")}`,
      sure: !(units > 16_384),
    };
  const fits =
    megabytes >= size.least && megabytes <= size.most && (megabytes - size.least) % size.step === 0;
  if (fits) return undefined;
  return {
    cure: `With cpu ${units} the memory goes from ${size.least} to ${size.most} in steps of ${size.step}`,
    sure: true,
  };
}
