package main

import (
	"context"
	"database/sql"
	"fmt"
)

// guards are what checks or indexes each allocation: taken away for the bulk
// load, then put back as it was.
type guards struct {
	list string // rows of (statement that drops, statement that restores)
	free string // beforehand
}

func sqliteGuards() guards {
	return guards{list: `SELECT 'DROP ' || type || ' ' || name, sql FROM sqlite_master
		WHERE tbl_name = 'booking_allocation' AND type IN ('trigger', 'index') AND sql IS NOT NULL ORDER BY type`}
}

func postgresGuards() guards {
	return guards{free: "SET statement_timeout = 0; SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 2",
		list: `SELECT 'ALTER TABLE booking_allocation DROP CONSTRAINT ' || conname,
			'ALTER TABLE booking_allocation ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
			FROM pg_constraint WHERE conrelid = 'booking_allocation'::regclass AND contype = 'x'
		UNION ALL SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes
			WHERE schemaname = current_schema() AND tablename = 'booking_allocation' AND indexname NOT LIKE '%pkey' AND indexname <> 'booking_allocation_overlap'`}
}

// drop takes the guards away and returns the statements that restore them.
func (g guards) drop(ctx context.Context, c *sql.Conn) (back []string, err error) {
	if g.free != "" {
		if _, err := c.ExecContext(ctx, g.free); err != nil {
			return nil, err
		}
	}
	rows, err := c.QueryContext(ctx, g.list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var away []string
	for rows.Next() {
		var drop, restore string
		if err := rows.Scan(&drop, &restore); err != nil {
			return nil, err
		}
		away, back = append(away, drop), append(back, restore)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(away) == 0 {
		return nil, fmt.Errorf("the table has no guard: the schema is not the one this measure knows")
	}
	for _, q := range away {
		if _, err := c.ExecContext(ctx, q); err != nil {
			return nil, fmt.Errorf("%s: %w", q, err)
		}
	}
	return back, nil
}
