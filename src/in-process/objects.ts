import type { Resource } from '../protocol/resource/resource'
import type { Resources } from '../resources/index'

/** The object of each kind, as in-process calls return it and events carry it. */
export type Objects = {
  [Name in keyof Resources as Resources[Name]['kind']]: ShownBy<Resources[Name]>
}

type ShownBy<Each> = Each extends Resource<string, infer Shown, unknown, boolean> ? Shown : never
