//go:build !darwin || cgo

package vitals

// costlyEvery is how often memory is read: each time.
const costlyEvery = 0
