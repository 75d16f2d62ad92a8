import { expect, test } from "vitest";
import { countSteps } from "../../../src/image/build-steps.ts";

const buildKit = `#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#5 [build 1/3] FROM docker.io/library/busybox:1.37@sha256:00
#5 CACHED
#6 [internal] load build context
#6 DONE 0.0s
#7 [build 2/3] COPY . .
#7 CACHED
#8 [build 3/3] RUN make
#8 0.215 #9 CACHED is what a command prints
#8 DONE 4.1s
#9 [stage-1 2/2] COPY --from=build /out /
#9 DONE 0.0s
#10 exporting to image`;

const classic = `Sending build context to Docker daemon  2.048kB
Step 1/3 : FROM busybox
 ---> 0123456789ab
Step 2/3 : COPY . .
 ---> Using cache
 ---> 123456789abc
Step 3/3 : RUN make
 ---> Running in 23456789abcd`;

const buildah = `[1/2] STEP 1/2: FROM busybox
[1/2] STEP 2/2: RUN make
--> Using cache 0123456789abcdef
[2/2] STEP 1/1: FROM scratch
COMMIT x`;

test.each([
  ["BuildKit", buildKit, { steps: 4, cachedSteps: 2 }],
  [
    "BuildKit for two platforms",
    "#5 [linux/amd64 1/2] FROM x\n#6 [linux/arm64 build 1/2] FROM x\n#6 CACHED",
    { steps: 2, cachedSteps: 1 },
  ],
  ["the classic builder", classic, { steps: 3, cachedSteps: 1 }],
  ["buildah", buildah, { steps: 3, cachedSteps: 1 }],
  ["a builder of another kind", "building\ndone", { steps: 0, cachedSteps: 0 }],
])("the steps of %s", (_, output, expected) => {
  expect(countSteps(output.split("\n"))).toEqual(expected);
});
