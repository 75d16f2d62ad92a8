// Where the rules come from.

const reference = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference";
const guide = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide";

export const api = (page: string) => `${reference}/API_${page}.html`;
export const developerGuide = (page: string) => `${guide}/${page}.html`;
/** What somebody was refused with. */
export const issue = (repository: string, number: number) =>
  `https://github.com/${repository}/issues/${number}`;

/**
 * Rules for CloudFormation templates, each with the words in which the real RegisterTaskDefinition or CreateService refused the author.
 */
export const measured = "https://github.com/badmintoncryer/cdk-preflight";
