// Which AWS a region belongs to. Types only.

export interface Partition {
  /** As ARNs name it: `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc` … */
  readonly name: string;
  /** What the names of its endpoints end in: `amazonaws.com.cn`. */
  readonly dnsSuffix: string;
  /** A region that it surely has. */
  readonly firstRegion: string;
  /** Whether the SDK's list has this very region; a newer one it only places by its name. */
  readonly isListed: boolean;
}
