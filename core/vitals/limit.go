package vitals

const (
	// limitShare of the computer's memory is the usual limit, limitFloor the least.
	limitShare = 1.0 / 8
	limitFloor = 256 << 20
)

// limitFor returns the soft memory limit in bytes for a reading; wish is Options.MemoryLimit.
// It returns 0 when there should be none: by wish, or because the computer does not tell how much
// memory it has.
func limitFor(r *Reading, wish int64, pressed bool) int64 {
	limit := wish
	switch {
	case wish < 0, wish == 0 && !r.SystemMemory.Known:
		return 0
	case wish == 0:
		limit = int64(r.SystemMemory.Value * limitShare)
	}
	if pressed && r.SystemAvailable.Known {
		limit = min(limit, int64(r.own()+r.SystemAvailable.Value/2))
	}
	return max(limit, limitFloor)
}
