package dev.tessera.jobs.workspace;

import java.util.Locale;

/** The stages of a run, in order. Each reads the tables of those before it and writes its own. */
public enum Stage {
  INGEST,
  PARTITION,
  RECONSTRUCT,
  ALIGN,
  MERGE;

  /** The word on the command line and in paths. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
