// The pairs of CPU and memory that Fargate supports. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html

const gibibyte = 1_024;

/** CPU units → minimum and maximum memory in MiB and the step between. */
const fargateSizes: ReadonlyMap<number, readonly [number, number, number]> = new Map([
  [512, [1 * gibibyte, 4 * gibibyte, gibibyte]],
  [1_024, [2 * gibibyte, 8 * gibibyte, gibibyte]],
  [2_048, [4 * gibibyte, 16 * gibibyte, gibibyte]],
  [4_096, [8 * gibibyte, 30 * gibibyte, gibibyte]],
  [8_192, [16 * gibibyte, 60 * gibibyte, 4 * gibibyte]],
  [16_384, [32 * gibibyte, 120 * gibibyte, 8 * gibibyte]],
]);
const minCpu = 256;
const minCpuMemory = [512, 1 * gibibyte, 2 * gibibyte];

/** `256`, `.25 vCPU`, `1 vcpu`. */
export function cpuUnits(text: string): number {
  const virtual = /^([\d.]+)\s*vcpu$/i.exec(text.trim())?.[1];
  return virtual === undefined ? Number(text) : Number(virtual) * gibibyte;
}

/** `512`, `0.5 GB`, `1GB`. */
export function memoryMegabytes(text: string): number {
  const gigabytes = /^([\d.]+)\s*gb$/i.exec(text.trim())?.[1];
  return gigabytes === undefined ? Number(text) : Number(gigabytes) * gibibyte;
}

export function isFargateSize(cpu: string, memory: string): boolean {
  const units = cpuUnits(cpu);
  const megabytes = memoryMegabytes(memory);
  if (units === minCpu) return minCpuMemory.includes(megabytes);
  const [smallest, largest, step] = fargateSizes.get(units) ?? [1, 0, 1];
  return megabytes >= smallest && megabytes <= largest && (megabytes - smallest) % step === 0;
}
