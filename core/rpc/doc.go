// Package rpc reads and writes JSON-RPC 2.0 messages without decoding what
// it only has to carry.
//
// Ids, params, results and errors stay the raw bytes that arrived, so an id
// of 0, null, 1.50, "x" or 2^60 is echoed exactly, and a tool's arguments
// and result pass through unchanged. Member names are matched exactly, case
// included; a message that names one member twice is refused, so that no two
// readers can disagree about what it says.
//
// The package knows nothing of MCP beyond the shape of a tool call's params,
// and nothing of sockets. Every function is pure and safe for concurrent use.
//
// The rules are those of https://www.jsonrpc.org/specification, without
// batches, which MCP removed in its revision of 2025-06-18.
package rpc
