package ui

// API is the description of the API for people. All texts of it are English.
type API struct{ Parts []APIPart }

// APIPart is one area of the API.
type APIPart struct {
	ID, Name, Text string
	Requests       []APIRequest
}

// APIRequest is one request that can be made.
type APIRequest struct {
	ID, Method, Path, Summary, Text string
	Parameters                      []APIParameter
	// Example is a body; empty when none is sent.
	Example string
	// Answer says what comes back.
	Answer string
}

// APIParameter is one part of an address.
type APIParameter struct {
	Name, Text string
	// Bounds are the values it takes; empty when anything goes.
	Bounds string
}
