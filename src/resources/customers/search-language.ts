/** How customers are searched, for the document. */
export const searchLanguage = `Finds customers by a query of up to ten clauses, newest first; also what was changed just now.

A clause is a field, an operator and a value: \`name:"Jane"\`. Clauses are joined by \`AND\` or a space, or all of them by
\`OR\`. \`-\` before a clause finds what does not match it.

| field | operators |
|---|---|
| \`email\`, \`name\`, \`phone\` | \`:\` these words, whole and in this order; \`~\` this substring, of three characters or more |
| \`metadata["key"]\` | \`:\` exactly this value |
| \`created\` | \`:\`, \`>\`, \`>=\`, \`<\`, \`<=\` this Unix second |

Texts stand in quotation marks, single or double, and are compared without regard to case; a backslash goes before a
quotation mark within. \`null\` finds those without the field or key: \`-metadata["key"]:null\` those that have it.

A substring and a negation have no index: where few or none match, they look at every customer of the account.`
