// The CPU and memory pairs that Fargate runs. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html

const GB = 1_024;

/** CPU units → smallest and largest memory in MiB and the step between. */
const SIZES: ReadonlyMap<number, readonly [number, number, number]> = new Map([
  [512, [1 * GB, 4 * GB, GB]],
  [1_024, [2 * GB, 8 * GB, GB]],
  [2_048, [4 * GB, 16 * GB, GB]],
  [4_096, [8 * GB, 30 * GB, GB]],
  [8_192, [16 * GB, 60 * GB, 4 * GB]],
  [16_384, [32 * GB, 120 * GB, 8 * GB]],
]);
const SMALLEST_CPU = 256;
const SMALLEST_MEMORY = [512, 1 * GB, 2 * GB];

/** `256`, `.25 vCPU`, `1 vcpu`. */
export function cpuUnits(text: string): number {
  const virtual = /^([\d.]+)\s*vcpu$/i.exec(text.trim())?.[1];
  return virtual === undefined ? Number(text) : Number(virtual) * GB;
}

/** `512`, `0.5 GB`, `1GB`. */
export function memoryMegabytes(text: string): number {
  const gigabytes = /^([\d.]+)\s*gb$/i.exec(text.trim())?.[1];
  return gigabytes === undefined ? Number(text) : Number(gigabytes) * GB;
}

export function isFargateSize(cpu: string, memory: string): boolean {
  const units = cpuUnits(cpu);
  const megabytes = memoryMegabytes(memory);
  if (units === SMALLEST_CPU) return SMALLEST_MEMORY.includes(megabytes);
  const [smallest, largest, step] = SIZES.get(units) ?? [1, 0, 1];
  return megabytes >= smallest && megabytes <= largest && (megabytes - smallest) % step === 0;
}
