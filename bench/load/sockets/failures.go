package main

import "sync"

// How many things went wrong, and the first of them.
type failures struct {
	mutex sync.Mutex
	total int
	first string
}

func (f *failures) add(err error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.total++
	if f.first == "" {
		f.first = err.Error()
	}
}

func (f *failures) count() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.total
}

func (f *failures) example() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.first
}
