/** What to put in an id's place, and what to put into that in turn. */
export interface ExpandNode {
  property: string
  children: ExpandNode[]
}
export type Expand = ExpandNode[]
