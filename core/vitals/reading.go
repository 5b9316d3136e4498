package vitals

import "time"

// Reading is what was in use at one moment. Memory is in bytes.
type Reading struct {
	// At is when it was taken; zero before the first.
	At time.Time `json:"at"`
	// Started is when the Monitor was made.
	Started time.Time `json:"started"`

	// RSS is the memory of this process that is resident, as the system counts it.
	RSS Figure `json:"rss"`
	// HeapLive is what the last garbage collection found in use; HeapHeld is all of the
	// heap that was not returned to the system.
	HeapLive uint64 `json:"heapLive"`
	HeapHeld uint64 `json:"heapHeld"`
	// CPU is the processor time of this process since the reading before, as a share of
	// one core: 1 is one core all the time, 2 is two. The first reading has none.
	CPU Figure `json:"cpu"`
	// Goroutines is how many there are.
	Goroutines int `json:"goroutines"`
	// Links is what Options.Links said; unknown without it.
	Links Figure `json:"links"`

	// SystemCPU is how busy all processors of the computer were since the reading
	// before, from 0 to 1. The first reading has none.
	SystemCPU Figure `json:"systemCpu"`
	// SystemMemory is the memory of the computer, SystemAvailable what of it programs can
	// have without others being swapped out.
	SystemMemory    Figure `json:"systemMemory"`
	SystemAvailable Figure `json:"systemAvailable"`
}

// Available returns the share of the computer's memory that is available, in [0, 1].
func (r *Reading) Available() Figure {
	if !r.SystemMemory.Known || !r.SystemAvailable.Known || r.SystemMemory.Value <= 0 {
		return Figure{}
	}
	return known(min(r.SystemAvailable.Value/r.SystemMemory.Value, 1))
}

// SystemUsed returns the share of the computer's memory that is not available, in [0, 1].
func (r *Reading) SystemUsed() Figure {
	available := r.Available()
	if available.Known {
		available.Value = 1 - available.Value
	}
	return available
}

// Uptime returns how long the Monitor had been there.
func (r *Reading) Uptime() time.Duration { return r.At.Sub(r.Started) }

// own is our memory in bytes: as the system counts it, or else the heap.
func (r *Reading) own() float64 {
	if r.RSS.Known {
		return r.RSS.Value
	}
	return float64(r.HeapHeld)
}

// waste is the heap that is held for nothing, in bytes: garbage since the last
// collection, and free space that was not returned to the system.
func (r *Reading) waste() uint64 { return r.HeapHeld - min(r.HeapHeld, r.HeapLive) }

// used is our memory in bytes without what is waste.
func (r *Reading) used() float64 {
	own := r.own()
	return own - min(own, float64(r.waste()))
}

// memory is the part of the reading that a Run shows.
func (r *Reading) memory() Memory { return Memory{RSS: r.RSS, Heap: r.HeapHeld} }
