// Parameter Store, as far as a reader of its metadata needs it (its SDK is no dependency of ours:
// typed by hand). https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html

import { AwsError, type AwsService, type CallContext } from "../contract.ts";
import { type AccountRegion, regionalArn } from "../iam/partitions.ts";

interface DescribeInput {
  readonly ParameterFilters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly Shared?: boolean;
}

interface Filter {
  readonly Key?: string;
  readonly Option?: string;
  readonly Values?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly accountId: string;
}

const maxPage = 50;

/**
 * @param parameters value by name; by ARN for a parameter of another region, or one that another
 * account shares
 */
export function createParameterStore(
  parameters: ReadonlyMap<string, string>,
  home: AccountRegion,
): { readonly service: AwsService } {
  const operations = {
    DescribeParameters(input: DescribeInput, { region = home.region }: CallContext) {
      const { ParameterFilters: filters = [], Shared: shared = false } = input;
      for (const filter of filters) requireValid(filter);
      const { MaxResults: size = maxPage, NextToken: token = "0" } = input;
      if (size < 1 || size > maxPage) throw invalid("MaxResults is 1 to 50.");
      const listed = [...parameters.keys()]
        .map((key) => parameterOf(key, home))
        .filter((one) => one.region === region && (one.accountId !== home.accountId) === shared);
      const start = Number(token);
      const end = start + size;
      // AWS filters after it has made the pages: https://github.com/minamijoyo/myaws/issues/31
      const page = listed.slice(start, end).filter(({ name }) => isWanted(name, filters));
      return {
        Parameters: page.map(({ name, arn }) => ({ Name: name, ARN: arn, Type: "SecureString" })),
        ...(end < listed.length ? { NextToken: String(end) } : {}),
      };
    },
  };
  return { service: { operations } };
}

function parameterOf(key: string, home: AccountRegion): Parameter {
  const [prefix, , , region = "", accountId = "", resource = ""] = key.split(":");
  if (prefix !== "arn") {
    const arn = regionalArn(home, "ssm", `parameter/${key.replace(/^\//, "")}`);
    return { name: key, arn, region: home.region, accountId: home.accountId };
  }
  const path = resource.replace(/^parameter\//, "");
  return { name: path.includes("/") ? `/${path}` : path, arn: key, region, accountId };
}

const isWanted = (name: string, filters: readonly Filter[]): boolean =>
  filters.every(({ Values = [] }) => Values.includes(name));

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html */
function requireValid({ Key, Option = "Equals", Values = [] }: Filter): void {
  if (Key !== "Name" || Option !== "Equals")
    throw new AwsError("InvalidFilterKey", `The simulator has no filter ${Key} ${Option}.`);
  if (Values.length < 1 || Values.length > maxPage) throw invalid("A filter has 1 to 50 values.");
  if (Values.some((name) => /\s/.test(name.trim())))
    throw invalid("Parameter names can't contain spaces.");
}

const invalid = (message: string) => new AwsError("ValidationException", message);
