// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts as shells and GitHub have them
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

// An immutable tag made of such a text would name one image forever, and every commit would reuse it.
test.each([
  "$IMAGE_TAG",
  "${IMAGE_TAG}",
  "$(git rev-parse --short HEAD)",
  "${{ env.IMAGE_TAG }}",
  "v1-$GITHUB_SHA",
])("the tag %s is refused, and no other tag is suggested", async (tag) => {
  const play = await (await setStage()).play({ "image-tag": tag });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.annotation).toContain("${{");
  expect(play.annotation).not.toContain("would do");
  expect(play.calls).toEqual([]);
});

test("shell variables in inputs are refused", async () => {
  const stage = await setStage();

  const play = await stage.play({ "image-tag": "$GITHUB_SHA", cluster: "${CLUSTER}" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/shell-variables-in-inputs-are-refused.txt",
  );
});

test("a value that names a shell variable is deployed unchanged, with one warning", async () => {
  const stage = await setStage();
  stage.environment["VERSION"] = "7";

  const play = await stage.play({
    "environment-variables": "VERSION=$VERSION\nCOMMIT=$GITHUB_SHA\nPRICE=$5",
  });

  expect(play.outcome).toMatchObject({ outcome: "succeeded" });
  const reported = play.log.filter((line) => line.includes("is not a shell"));
  expect(reported).toEqual([
    expect.stringContaining(
      "environment-variables VERSION (write `${{ env.VERSION }}`), environment-variables COMMIT (write `${{ github.sha }}`)",
    ),
  ]);
});
