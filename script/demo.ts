// The demo: script/demo [broken | express | preview | rehearse | clockko [--terraform]]. Every line it prints is asked, not assumed.

import { baseImagePossible } from "../__tests__/rig/clockko-image.ts";
import { postgresInstalled } from "../__tests__/rig/postgres.ts";
import { demonstrateClockko, straightToEcs } from "./demo-scenes/clockko.ts";
import { demonstrateExpress } from "./demo-scenes/express.ts";
import { demonstrateHello } from "./demo-scenes/hello.ts";
import { demonstratePreview } from "./demo-scenes/preview.ts";
import { demonstrateRehearsal } from "./demo-scenes/rehearse.ts";
import { terraformInstalled, withTerraform } from "./demo-scenes/with-terraform.ts";

const words = process.argv.slice(2);
switch (words.join(" ")) {
  case "":
    process.exitCode = await demonstrateHello("good");
    break;
  case "broken":
    process.exitCode = await demonstrateHello("broken");
    break;
  case "express":
    process.exitCode = await demonstrateExpress();
    break;
  case "preview":
    process.exitCode = await demonstratePreview();
    break;
  case "rehearse":
    process.exitCode = await demonstrateRehearsal();
    break;
  case "clockko":
    process.exitCode = canRunClockko() ? await demonstrateClockko(straightToEcs) : 69;
    break;
  case "clockko --terraform":
    process.exitCode =
      canRunClockko() && canRunTerraform() ? await demonstrateClockko(withTerraform) : 69;
    break;
  default:
    console.error(
      `script/demo knows no ${JSON.stringify(words.join(" "))}: script/demo [broken | express | preview | rehearse | clockko [--terraform]]`,
    );
    process.exitCode = 64;
}

function canRunClockko(): boolean {
  if (postgresInstalled() && baseImagePossible()) return true;
  console.error(
    "script/demo clockko needs Debian, root, and the packages postgresql and debootstrap (script/bootstrap).",
  );
  return false;
}

function canRunTerraform(): boolean {
  if (terraformInstalled()) return true;
  console.error("script/demo clockko --terraform needs terraform and the AWS CLI.");
  return false;
}
