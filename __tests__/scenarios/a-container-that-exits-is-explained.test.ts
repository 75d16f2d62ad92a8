import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

/** Also the picture of the README: script/picture. */
test("a container that exits causes a rollback, and the summary shows its last log lines", async () => {
  const stage = await setStage({
    service: { desiredCount: 2 },
    tasks: ({ revision }) =>
      revision === 1
        ? runs()
        : exitsWith(1, {
            pullsFor: 9_000,
            after: 4_000,
            logs: [
              "INFO:     Started server process [1]",
              "INFO:     Waiting for application startup.",
              "Traceback (most recent call last):",
              '  File "/app/.venv/lib/python3.13/site-packages/starlette/routing.py", line 693, in lifespan',
              "    async with self.lifespan_context(app) as maybe_state:",
              '  File "/app/main.py", line 41, in lifespan',
              '    pool = await create_pool(os.environ["DATABASE_URL"])',
              "KeyError: 'DATABASE_URL'",
              "ERROR:    Application startup failed. Exiting.",
            ],
          }),
    docker: { duringBuild: () => stage.clock.advance(74_000) },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-container-that-exits-is-explained.txt",
  );
});
