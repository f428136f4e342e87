/** What the command `report` needs: loaded when it runs. */
export { asJunit } from "./render/junit";
export { asMarkdown } from "./render/markdown";
export { asText } from "./render/text";
export { readReports } from "./summary/read-directory";
