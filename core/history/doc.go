// Package history keeps rows on disk, so that what was seen survives a restart.
//
// A Store is one small file of rows in named series, in the format of bbolt. It knows nothing
// of what the rows mean, and when to write is the business of whoever has them: each Write
// is one transaction, which is on the disk when it returns, or not at all.
//
// History is nice to have. So a file that is damaged is moved aside and begun anew, and
// whatever else is wrong with it is an error to go on without it: no state of the file
// ends the program. What is read may have been written by anybody, and must be decoded
// with that in mind.
package history
