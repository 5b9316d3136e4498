// Package vitals keeps an eye on what the program itself uses.
//
// It knows the runtime's memory and nothing of links, servers or pages.
package vitals
