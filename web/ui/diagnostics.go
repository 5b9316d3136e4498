package ui

// Diagnostics is a bundle that can be saved.
type Diagnostics struct {
	Activity
	Made Moment
	// Summary says how many files there are, and Size how large the download is.
	Summary, Size string
	Download      string
	Files         []BundleFile
}

// BundleFile is one file of a bundle.
type BundleFile struct {
	Name, About, Size string
	// Hidden says how much was masked, and Note what else there is to know; each may be
	// empty.
	Hidden, Note string
	Text         string
}
