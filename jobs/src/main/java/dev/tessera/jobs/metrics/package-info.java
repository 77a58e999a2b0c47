/**
 * What an operator sees of a run: metrics in Spark's own metrics system, and events in the log.
 * docs/observability.md lists them.
 */
package dev.tessera.jobs.metrics;
