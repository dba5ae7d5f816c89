//go:build linux && !race

package worker

const dataFactor = 1
