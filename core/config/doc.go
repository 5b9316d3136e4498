// Package config reads, checks and changes the configuration file.
//
// Parse turns the text of a file into a Config or into a list of everything that
// is wrong with it, each with its key, line and column. It reads JSON, JSON with
// comments and trailing commas, and JSON5, in every shape that the programs of
// this family have used: the keys of our own file, those of xiaozhi-client
// (connection, webUI, mcpServerConfig), and the server lists of Claude, Cursor
// and VS Code. ImportServers reads such lists from the clipboard.
//
// A Store holds the configuration that runs. It watches the file, takes over what
// is good, and keeps the last good one when the file is bad, half written or gone.
// Store.Modify is the only way to write: an Edit changes the bytes it must
// and leaves comments, order and unknown keys as they are.
//
// The package knows nothing of links, servers or pages: it says what the user wants.
// Values of headers and of the environment, and addresses, are credentials; no
// error, problem or printed form of this package shows them.
package config
