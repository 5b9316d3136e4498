// Package hub turns the MCP servers of a user into one catalogue of tools and
// routes calls to them.
//
// A Hub starts every server it is given concurrently, keeps them running, and
// answers two questions from memory: which tools does an endpoint see
// (ListResult), and what does this tool answer (CallTool). It knows nothing of
// endpoints beyond their names, nothing of configuration files, and nothing of
// the web.
//
// # Servers
//
// Programs (KindStdio) are spoken to by a client of our own, which tolerates
// stray output, dispatches in order and owns the whole process group. Servers
// behind HTTP (KindHTTP, KindSSE, KindAuto) are reached through the transports
// of the official Go SDK. Above either runs the same small session, which
// carries arguments and results as the bytes they arrived in.
//
// A server that fails is started again by the retry policy, for ever; one whose
// command or credentials are missing is tried again every five minutes. While a
// server is away its tools stay in the catalogue, so that lists do not flicker,
// and a call to one of them is answered at once with a sentence that says so.
//
// # Names
//
// A tool is published as server__tool. Characters outside [A-Za-z0-9_-] become
// "_"; a name longer than 64 characters is cut and ends in a hash of the
// original. When two tools would get the same name, the one whose server
// comes first in the configuration keeps it and the other gets a hash suffix, so
// that names depend on the configuration and never on which server was quicker.
//
// # Groups and remotes
//
// Servers of one Group can stand in for one another: a tool that several of them offer with
// the same schema is one tool, group__tool, and each call goes to one of them, chosen by the
// strategy of package balance. A member whose schema differs is kept apart, under a name
// with a suffix and a note. The sources of a Remote, such as links to endpoints, form a
// group of their own.
//
// When a server goes away, a call that it surely never got, and one of a tool that says it
// is read-only or idempotent, is given to the next at once. Any other is answered with a
// sentence that says that it may have been carried out, and is never made again.
//
// # Schemas
//
// Voice servers read only type, properties and required of an input schema.
// So local references are replaced by what they refer to, and anyOf, oneOf and
// allOf at the top are merged. What cannot be resolved (remote references,
// cycles, schemas deeper than 32 levels or larger than 32 KiB) becomes {} with a
// note. A schema that is not that of an object is replaced by that of an
// empty object, with a note: the tool stays listed.
//
// # Results
//
// A result is one text item within Options.MaxResultBytes. Texts are joined,
// images and other items named in words, structured content stands in where
// there is no text. Errors are carried both ways, as
// {"isError":true,"error":"short","content":[…]}, because esp32-server reads
// only the second. A result that already has that form is passed on untouched.
// ListRaw and CallRaw leave all that out, for callers that are no voice servers. A Guest
// is answered as an endpoint would be, and leaves no trace there.
//
// # Limits
//
//	tools per server        512; the rest is left out, with a note
//	pages of one tools/list 64
//	description             2,000 bytes
//	schema                  32 KiB, 32 levels
//	one message             32 MiB; a larger answer fails its call only
//	messages not yet read   16 MiB per server; further calls fail at once
//	late results kept       32 in all, 15 minutes, calls up to 5 minutes
//	lines of stderr kept    100 per server
//
// All methods of a Hub are safe for concurrent use.
package hub
