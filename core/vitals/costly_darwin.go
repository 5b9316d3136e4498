//go:build !cgo

package vitals

import "time"

// costlyEvery is how often memory is read. Without cgo that starts two programs (ps and
// vm_stat), which together take more than all the rest of the Monitor.
const costlyEvery = time.Minute
