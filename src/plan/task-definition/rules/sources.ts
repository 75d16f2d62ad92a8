// The sources of the rules.

const apiReferenceUrl = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference";
const developerGuideUrl = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide";

export const api = (page: string) => `${apiReferenceUrl}/API_${page}.html`;
export const developerGuide = (page: string) => `${developerGuideUrl}/${page}.html`;
/** An issue that quotes the refusal. */
export const issue = (repository: string, number: number) =>
  `https://github.com/${repository}/issues/${number}`;

/**
 * Rules for CloudFormation templates, each with the message with which the real
 * RegisterTaskDefinition or CreateService refused the author's request.
 */
export const cdkPreflight = "https://github.com/badmintoncryer/cdk-preflight";
