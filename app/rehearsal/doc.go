// Package rehearsal plays a Xiaozhi cloud on this computer, to see what an assistant
// would hear of a tool without a device.
//
// A Rehearser starts a practice broker on a loopback port for each rehearsal, links to it as
// to any endpoint, and lets it do what the chosen Cloud does: it shakes hands, asks for
// the tools and calls one, with the limits of time and size that the cloud has. What
// came of each step is in the Report, and so are the words that the assistant would
// have been given. Link and broker belong to the rehearsal alone and end with it.
//
// The tool is really called: what it does is done. The package knows nothing of servers, of
// configuration and of pages; the tools are given to it, and Remarks become sentences
// elsewhere.
package rehearsal
