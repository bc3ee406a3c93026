package main

import "context"

func measureStart(ctx context.Context, b *bench) error      { return nil }
func measurePage(ctx context.Context, b *bench) error       { return nil }
func measureLoad(ctx context.Context, b *bench) error       { return nil }
func measureThroughput(ctx context.Context, b *bench) error { return nil }
func measureCrash(ctx context.Context, b *bench) error      { return nil }
