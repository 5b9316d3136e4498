// Package broker is the practice broker: the far side of the Xiaozhi endpoint
// protocol, for the demo, for rehearsals without a device, and for tests.
//
// A Broker plays one of two families. Official behaves like xiaozhi.me: it speaks
// first, with an initialize whose id is 0, pings by JSON-RPC, accepts several
// connections per token and merges their tools, and closes with 4004 when an
// initialize, tools/list or ping is answered late. Relay behaves like the self-hosted
// mcp-endpoint-server with the esp32 voice server behind it, its traps included: it
// accepts any token and closes with 1008 afterwards, says nothing until a robot
// comes, closes an older connection with 1000 when the same token comes again, then
// forgets the newer one (Options.KeepRegistration mends that), rewrites ids, loses
// answers to id 0, and drops requests and notifications of the tool side. Under its
// call path it takes robots as WebSocket clients.
//
// Robot is a device in the program itself. Its Call reports what the assistant would
// have heard under the family's limits. SetFault makes the far side misbehave, Drop
// and Restart make it go away. Options.Observe shows what goes over its sockets.
//
// Addresses made by Broker.URL are valid for this broker only, or for those with the
// same Options.Secret. A Broker serves real listeners, with or without TLS
// (SelfSigned makes a certificate), is an http.Handler, and runs over a PipeNetwork
// in memory, also inside a testing/synctest bubble.
//
// What it plays is described by the public behaviour and captures of the real
// servers. It is for loopback: it authenticates its own tokens and nothing else.
package broker
