// Amazon S3, as far as Terraform's `backend "s3"` with `use_lockfile` uses it: objects by key, and
// a conditional put that only the first caller wins.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html

import { createHash } from "node:crypto";
import { AwsError, type AwsService, type SimulatorClock } from "../contract.ts";

export interface StoredObject {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  readonly lastModified: Date;
}

export interface S3 {
  readonly service: AwsService;
  createBucket(name: string): void;
  /** As text; undefined: there is no such object. */
  read(bucket: string, key: string): string | undefined;
  /** Creates or replaces the object, for example with the lock of another user. */
  write(bucket: string, key: string, text: string): void;
  remove(bucket: string, key: string): void;
}

interface ObjectInput {
  readonly Bucket: string;
  readonly Key: string;
}

interface PutInput extends ObjectInput {
  readonly Body: Buffer;
  readonly ContentType?: string;
  readonly IfNoneMatch?: string;
  readonly ChecksumSHA256?: string;
}

interface ListInput {
  readonly Bucket: string;
  readonly Prefix?: string;
  readonly MaxKeys?: string;
  readonly ContinuationToken?: string;
}

export interface ObjectList {
  readonly Name: string;
  readonly Prefix: string;
  readonly MaxKeys: number;
  readonly Contents: readonly (Pick<StoredObject, "etag" | "lastModified"> & {
    readonly key: string;
    readonly size: number;
  })[];
  readonly NextContinuationToken?: string;
}

type Bucket = Map<string, StoredObject>;

export function createS3({ clock }: { readonly clock: SimulatorClock }): S3 {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (name: string): Bucket => {
    const bucket = buckets.get(name);
    if (!bucket) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
    return bucket;
  };
  const put = ({
    Bucket,
    Key,
    Body,
    ContentType = "binary/octet-stream",
  }: PutInput): StoredObject => {
    const etag = `"${createHash("md5").update(Body).digest("hex")}"`;
    const stored = {
      body: Body,
      contentType: ContentType,
      etag,
      lastModified: new Date(clock.now()),
    };
    bucketOf(Bucket).set(Key, stored);
    return stored;
  };
  const get = ({ Bucket, Key }: ObjectInput): StoredObject => {
    const stored = bucketOf(Bucket).get(Key);
    if (!stored) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    return stored;
  };

  const operations = {
    ListObjectsV2: (input: ListInput): ObjectList => list(bucketOf(input.Bucket), input),
    GetObject: get,
    HeadObject: get,
    PutObject(input: PutInput): StoredObject {
      const bucket = bucketOf(input.Bucket);
      checkSum(input);
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      if (input.IfNoneMatch === "*" && bucket.has(input.Key)) {
        throw new AwsError(
          "PreconditionFailed",
          "At least one of the pre-conditions you specified did not hold",
          412,
        );
      }
      return put(input);
    },
    /** Succeeds even if the object does not exist. */
    DeleteObject({ Bucket, Key }: ObjectInput): undefined {
      bucketOf(Bucket).delete(Key);
    },
  };
  return {
    service: { operations },
    createBucket(name) {
      if (!buckets.has(name)) buckets.set(name, new Map());
    },
    read: (bucket, key) => buckets.get(bucket)?.get(key)?.body.toString(),
    write: (Bucket, Key, text) => void put({ Bucket, Key, Body: Buffer.from(text) }),
    remove: (bucket, key) => void bucketOf(bucket).delete(key),
  };
}

function checkSum({ Body, ChecksumSHA256 }: PutInput): void {
  if (ChecksumSHA256 === undefined) return;
  if (createHash("sha256").update(Body).digest("base64") !== ChecksumSHA256) {
    throw new AwsError(
      "BadDigest",
      "The SHA256 you specified did not match the calculated checksum.",
    );
  }
}

/** The token of the next page is the last key of this one. */
function list(
  bucket: Bucket,
  { Bucket, Prefix = "", MaxKeys = "1000", ContinuationToken = "" }: ListInput,
): ObjectList {
  const most = Math.min(Number(MaxKeys), 1000);
  const keys = [...bucket.keys()]
    .filter((key) => key.startsWith(Prefix) && key > ContinuationToken)
    .toSorted();
  const shown = keys.slice(0, most);
  const last = shown.at(-1);
  const isTruncated = keys.length > shown.length && last !== undefined;
  return {
    Name: Bucket,
    Prefix,
    MaxKeys: most,
    Contents: shown.flatMap((key) => {
      const stored = bucket.get(key);
      return stored ? [{ ...stored, key, size: stored.body.length }] : [];
    }),
    ...(isTruncated && { NextContinuationToken: last }),
  };
}
