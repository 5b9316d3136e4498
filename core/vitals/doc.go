// Package vitals watches what the program and its computer use, and acts on it: a
// Monitor takes a Reading every few seconds, and runs the routines below.
//
// It knows memory and processor time: the operating system's own numbers, by gopsutil,
// and those of the Go runtime. It knows nothing of links, servers or pages; how many
// links there are and what could be dropped, it asks of hooks in Options. What the
// system does not tell is an unknown Figure, never 0: without cgo, macOS tells no
// processor time of the computer. Figures that are costly to get are read less often: the
// memory of the computer every 15 s, and on macOS without cgo all memory once a minute,
// since each look starts a program there.
//
// # Compaction
//
// Compaction calls Options.Compact, which drops what can be done without, collects
// garbage and returns free memory to the system. Its reasons:
//
//   - Waste: over 8 MiB of heap are held for nothing, as after a frame of several MiB; an
//     idle program would keep them for minutes, since the runtime collects by growth.
//     The memory is only returned; nothing is dropped for it.
//   - Growth: our memory, without waste, is half again, and 32 MiB, over the least since
//     the last compaction. Less is the ordinary life of a program of some 20 MiB.
//   - Pressure: less than a tenth of the computer's memory is available; over at 15 %, so
//     that it does not flicker. While it lasts, 1 MiB of waste is enough to go again.
//   - ByHand: Monitor.Optimize.
//
// Between two that nobody asked for lie 30 s at least. One that comes within twice the gap
// to the last one doubles the gap, up to 8 min: then we do not sweep up, we are at work,
// and what is waste is used again at once.
//
// # Memory limit
//
// The runtime's soft limit, by default an eighth of the computer's memory and 256 MiB at
// least, makes the collector work harder rather than let memory grow without end. Under
// pressure it falls to what is in use and half of what is available. GOMEMLIMIT, where
// set, stands.
//
// # Stretching
//
// Stretch is by how much work that can wait, such as health checks, should be spaced out:
// 1, then 2 and 4 while the processors of the computer are busy over 85 % on a moving average
// of half a minute, and back below 60 %. Steps are a minute apart, so that the effect of one
// is seen before the next. Where the use of processors is not known it stays 1.
//
// # Alarm
//
// An Alarm is a span in which memory rose steadily although the number of links was the
// same: the sign of a leak. The first ten minutes after the start do not count, nor do those
// after the number of links changed, for caches and buffers fill up then. After them
// every two minutes, the longest that the runtime lets pass between two collections, give
// one point: the least of our memory, without waste, in them. The rate is the median of the slopes
// between all pairs of the last hour's points, 18 minutes at least (the estimate of Theil
// and Sen), which outliers do not move. It is an alarm when memory rose at that rate by
// 4 MiB, or by 5 % where that is more, and three quarters of the slopes are a third of
// the rate at least: after a single step, however high, half of them are flat. It ends when
// the rise is less than half of that, or a quarter of the slopes do not rise at all, or
// the number of links changes.
package vitals
