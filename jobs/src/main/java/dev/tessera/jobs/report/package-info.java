/**
 * The page a person reads after a run: one HTML file that needs nothing else, with pictures as
 * inline SVG. {@link dev.tessera.jobs.report.MapReport} is what the page says, {@link
 * dev.tessera.jobs.report.ReportWriter} says it.
 */
package dev.tessera.jobs.report;
