// Package basket is what a customer is about to buy.
package basket

import (
	"errors"
	"fmt"

	clock "example.com/shop/clock"
)

const limit = 10

const (
	plain = iota
	gift
	sale
)

var (
	// errFull is told where nothing fits any more.
	errFull = errors.New("full")
	_       Priced = (*Basket)(nil)
)

func init() {
	register("basket", New)
}

func init() {
	register("box", nil)
}

// Basket holds items.
type Basket struct {
	Name  string `json:"name"`
	items []Item
	*clock.Clock
}

// Priced has a price.
type Priced interface {
	Total(prices map[string]int, extras ...int) (int, error)
	fmt.Stringer
}

type (
	// Mode is how a basket is paid.
	Mode int
	List[T any, U comparable] struct{ first T }
)

// New makes one.
func New(name string, count int) *Basket {
	// Nothing is in it.
	return &Basket{Name: name, items: make([]Item, count)}
}

// Add puts one in.
func (b *Basket) Add(item Item) error {
	if len(b.items) >= limit {
		return errFull
	}
	b.items = append(b.items, item)
	return nil
}

// Add puts one in a box.
func (b Box) Add(item Item) error {
	b.item = item // the only one
	return nil
}

func (b *Basket) Total(prices map[string]int, extras ...int) (int, error) {
	defer b.lock()()
	sum, rest := 0, len(extras)
	for i, item := range b.items {
		sum += prices[item.Name] * extras[i%rest]
	}
	switch b.mode {
	case gift:
		sum = 0
	case sale, plain:
		// Less than that.
		sum -= discount(sum, 10)
	default:
		log("plain", sum)
	}
	if err := b.check(sum); err != nil {
		return 0, fmt.Errorf("total: %w", err)
	} else if sum < 0 {
		sum = 0
	}
	go func() { notify(b, sum) }()
	return sum, nil
}

func tests() []test {
	return []test{
		{name: "empty", want: 0},
		{name: "one", want: 1},
		{"two", 2},
	}
}
