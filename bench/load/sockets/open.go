package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"wave-connect/bench/peers/token"
)

const (
	openingAtOnce = 64
	// One address has fewer than 30,000 ports for connections to one server, some still in TIME_WAIT.
	socketsPerAddress = 5_000
	openTimeout       = 30 * time.Second
	bufferSize        = 1_024
)

type person struct {
	id     uuid.UUID
	socket *websocket.Conn
}

type opener struct {
	url      string
	secret   []byte
	failures *failures
}

// Opens sockets and calls `ready` with each. Those that did not open are left out, and counted as failures.
func (o *opener) openAll(count int, ready func(*person)) []*person {
	opened := make([]*person, count)
	var group sync.WaitGroup
	turns := make(chan struct{}, openingAtOnce)
	for i := range count {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			person, err := o.open(i)
			if err != nil {
				o.failures.add(err)
				return
			}
			opened[i] = person
			ready(person)
		})
	}
	group.Wait()

	people := make([]*person, 0, count)
	for _, person := range opened {
		if person != nil {
			people = append(people, person)
		}
	}
	return people
}

// Says who the person is in both ways: the gateway goes by the token, a service by the header.
func (o *opener) open(index int) (*person, error) {
	id := uuid.New()
	signed, err := token.Sign(id.String(), time.Hour, o.secret)
	if err != nil {
		return nil, err
	}
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+index/socketsPerAddress))}}
	dialer := websocket.Dialer{
		NetDialContext:   from.DialContext,
		HandshakeTimeout: openTimeout,
		ReadBufferSize:   bufferSize,
		WriteBufferSize:  bufferSize,
	}
	headers := http.Header{"Authorization": {"Bearer " + signed}, "X-User-Id": {id.String()}}
	socket, answer, err := dialer.Dial(o.url, headers)
	if err != nil && answer != nil {
		return nil, fmt.Errorf("%w: %s", err, answer.Status)
	}
	if err != nil {
		return nil, err
	}
	return &person{id, socket}, nil
}

func closeAll(people []*person) {
	for _, person := range people {
		_ = person.socket.Close()
	}
}
