//go:build linux && race

package worker

// dataFactor is for the race detector, which takes several times the memory.
const dataFactor = 16
