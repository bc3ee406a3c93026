package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// maxPrepared bounds the statements a SQLite connection keeps ready. The program
// has a few hundred texts; a list of another length is another text.
const maxPrepared = 512

// keeper opens SQLite connections that keep their statements: SQLite parses a
// text at each call, which costs more than running most of them.
type keeper struct{ driver.Connector }

// Connect satisfies driver.Connector.
func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c, ok := raw.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: the SQLite driver gives a %T", raw), raw.Close())
	}
	return &conn{sqliteConn: c, ready: map[string]prepared{}}, nil
}

// sqliteConn is what the driver's connections can do and database/sql uses.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// prepared is a statement of the driver.
type prepared interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// conn is one connection and its idle statements by text. A statement leaves the
// map while it runs, so that a query inside the loop over the same query gets
// another one. database/sql calls one method at a time.
type conn struct {
	sqliteConn
	ready map[string]prepared
}

// ExecContext satisfies driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.ExecContext(ctx, args)
	return r, errors.Join(err, c.give(query, s))
}

// QueryContext satisfies driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.give(query, s))
	}
	return &answer{Rows: r, conn: c, query: query, stmt: s}, nil
}

func (c *conn) take(ctx context.Context, query string) (prepared, error) {
	if s, ok := c.ready[query]; ok {
		delete(c.ready, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p, ok := s.(prepared)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: the SQLite driver prepares a %T", s), s.Close())
	}
	return p, nil
}

// give takes a statement back, in the place of any other one when there are too many.
func (c *conn) give(query string, s prepared) error {
	if _, twice := c.ready[query]; twice {
		return s.Close()
	}
	var err error
	for old, other := range c.ready {
		if len(c.ready) < maxPrepared {
			break
		}
		delete(c.ready, old)
		err = errors.Join(err, other.Close())
	}
	c.ready[query] = s
	return err
}

// Close satisfies driver.Conn.
func (c *conn) Close() error {
	var err error
	for _, s := range c.ready {
		err = errors.Join(err, s.Close())
	}
	clear(c.ready)
	return errors.Join(err, c.sqliteConn.Close())
}

// answer gives its statement back when it is closed.
type answer struct {
	driver.Rows
	conn  *conn
	query string
	stmt  prepared
}

// Close satisfies driver.Rows.
func (a *answer) Close() error {
	if a.stmt == nil {
		return nil
	}
	s := a.stmt
	a.stmt = nil
	return errors.Join(a.Rows.Close(), a.conn.give(a.query, s))
}
