// The registry for docker, buildah, skopeo and containerd: the OCI distribution protocol under
// /v2/.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import type { Principal, WireRequest, WireResponse } from "../contract.ts";
import { createOnPush, isCreatedOnPush } from "./creation-templates.ts";
import { authenticate, requirePermission } from "./registry-auth.ts";
import {
  cancelUpload,
  continueUpload,
  finishUpload,
  getBlob,
  startUpload,
  uploadStatus,
} from "./registry-blobs.ts";
import { getManifest, listTags, putManifest } from "./registry-manifests.ts";
import { errorResponse, RegistryError, respond } from "./registry-responses.ts";
import {
  type RegistryState,
  type Repository,
  repositoryArn,
  repositoryNotFoundMessage,
} from "./store.ts";

interface Call {
  readonly room: RegistryState;
  readonly repository: Repository;
  readonly request: WireRequest;
  readonly query: URLSearchParams;
  /** Digest, upload id or tag: the part of the path after the repository. */
  readonly part: string;
}

interface Route {
  /** Methods that share a route share its permission. */
  readonly methods: readonly string[];
  readonly path: RegExp;
  readonly action: string;
  /**
   * Also required if the request has a body: a client may send a layer whole, with the request that
   * completes it.
   */
  readonly withBody?: string;
  readonly run: (call: Call) => WireResponse | Promise<WireResponse>;
}

const uploadsPath = /^\/v2\/(.+)\/blobs\/uploads\/?()$/;
const uploadPath = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/;
const blobPath = /^\/v2\/(.+)\/blobs\/([^/]+)$/;
const manifestPath = /^\/v2\/(.+)\/manifests\/([^/]+)$/;
const tagsPath = /^\/v2\/(.+)\/tags\/list()$/;

/**
 * In this order: `blobs/uploads` is not a digest. Actions:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
const routes: readonly Route[] = [
  {
    methods: ["POST"],
    path: uploadsPath,
    action: "ecr:InitiateLayerUpload",
    run: ({ room, repository, request, query }) => startUpload(room, repository, request, query),
  },
  {
    methods: ["PATCH"],
    path: uploadPath,
    action: "ecr:UploadLayerPart",
    run: ({ room, repository, part, request }) => continueUpload(room, repository, part, request),
  },
  {
    methods: ["PUT"],
    path: uploadPath,
    action: "ecr:CompleteLayerUpload",
    withBody: "ecr:UploadLayerPart",
    run: ({ room, repository, part, request, query }) =>
      finishUpload(room, repository, part, request, query),
  },
  {
    methods: ["GET"],
    path: uploadPath,
    action: "ecr:UploadLayerPart",
    run: ({ repository, part }) => uploadStatus(repository, part),
  },
  {
    methods: ["DELETE"],
    path: uploadPath,
    action: "ecr:UploadLayerPart",
    run: ({ room, repository, part }) => cancelUpload(room, repository, part),
  },
  {
    methods: ["HEAD"],
    path: blobPath,
    action: "ecr:BatchCheckLayerAvailability",
    run: ({ room, repository, part, request }) => getBlob(room, repository, part, request),
  },
  {
    methods: ["GET"],
    path: blobPath,
    action: "ecr:GetDownloadUrlForLayer",
    run: ({ room, repository, part, request }) => getBlob(room, repository, part, request),
  },
  {
    methods: ["GET", "HEAD"],
    path: manifestPath,
    action: "ecr:BatchGetImage",
    run: ({ room, repository, part, request }) => getManifest(room, repository, part, request),
  },
  {
    methods: ["PUT"],
    path: manifestPath,
    action: "ecr:PutImage",
    run: ({ room, repository, part, request }) => putManifest(room, repository, part, request),
  },
  {
    methods: ["GET"],
    path: tagsPath,
    action: "ecr:ListImages",
    run: ({ repository, query }) => listTags(repository, query),
  },
];

/** The first request of a push to a repository that is not there. */
const pushActions: ReadonlySet<string> = new Set(["ecr:InitiateLayerUpload", "ecr:PutImage"]);

/**
 * `host` is the one with which the caller reached the simulator. Protocol errors become responses;
 * an incomplete body throws.
 */
export async function serveRegistry(
  room: RegistryState,
  request: WireRequest,
  host: string,
): Promise<WireResponse> {
  room.hosts.add(host);
  const caller = authenticate(room, request, host);
  if ("status" in caller) return caller;
  const url = new URL(request.path, "http://registry");
  if (/^\/v2\/?$/.test(url.pathname)) return respond(200);
  // The only character that clients encode: `sha256%3A…`. No valid name contains any other encoded
  // character.
  const path = url.pathname.replaceAll(/%3a/gi, ":");
  try {
    const paths = routes.filter((route) => route.path.test(path));
    const route = paths.find(({ methods }) => methods.includes(request.method));
    if (!route) throw unknownPathError(paths.length > 0);
    const [, name = "", part = ""] = route.path.exec(path) ?? [];
    requirePermission(room, caller, route.action, repositoryArn(room, name));
    if (route.withBody && hasBody(request))
      requirePermission(room, caller, route.withBody, repositoryArn(room, name));
    const repository = room.repositories.get(name) ?? createdByPush(room, caller, name, route);
    if (!repository)
      throw new RegistryError(404, "NAME_UNKNOWN", repositoryNotFoundMessage(name, room.accountId));
    return await route.run({ room, repository, request, query: url.searchParams, part });
  } catch (error) {
    if (error instanceof RegistryError) return errorResponse(error);
    throw error;
  }
}

/**
 * Also with `ecr:CreateRepository`, which AWS documents for pull through cache rules: inferred.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
 */
function createdByPush(
  room: RegistryState,
  caller: Principal,
  name: string,
  { action }: Route,
): Repository | undefined {
  if (!pushActions.has(action) || !isCreatedOnPush(room, name)) return undefined;
  requirePermission(room, caller, "ecr:CreateRepository", repositoryArn(room, name));
  return createOnPush(room, name);
}

function hasBody({ headers }: WireRequest): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function unknownPathError(pathIsKnown: boolean): RegistryError {
  if (pathIsKnown) return new RegistryError(405, "UNSUPPORTED", "The operation is unsupported.");
  return new RegistryError(404, "UNSUPPORTED", "The simulator does not play this path");
}
