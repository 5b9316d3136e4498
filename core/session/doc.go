// Package session is the client's side of a conversation in MCP: it gives out ids,
// matches answers to calls, shakes hands, reads lists of tools page by page, and answers
// the few requests that servers make.
//
// It knows no transport. A Transport carries what is sent, and whoever reads from the other
// side hands what arrives to Client.Receive, in order. So programs over pipes, servers
// behind HTTP and tools behind an endpoint are all spoken to in the same way.
//
// Results pass through as the bytes they arrived in.
package session
