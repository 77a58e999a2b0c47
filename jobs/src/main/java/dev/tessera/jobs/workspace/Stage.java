package dev.tessera.jobs.workspace;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What is done in a workspace, each with tables of its own. */
public enum Stage {
  INGEST,
  PARTITION,
  RECONSTRUCT,
  ALIGN,
  /** Makes chunks again that are wrong, and chunks across borders that no edge crosses. */
  REPAIR,
  MERGE,
  /** Asks the published map about photos that are not in it. */
  LOCALIZE;

  /** Those that make a map, in order: each reads the tables of those before it. */
  public static final Set<Stage> OF_A_RUN =
      Collections.unmodifiableSet(EnumSet.range(INGEST, MERGE));

  /** The word on the command line and in paths. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
