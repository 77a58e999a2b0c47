package dev.tessera.jobs;

/** What the process tells its caller. Part of the contract with schedulers. */
public final class ExitCodes {
  /** The map is published, or the stage is done. */
  public static final int OK = 0;

  /** The run failed: no new map was published. Or no photo could be localized. */
  public static final int FAILED = 1;

  /** Wrong usage, or photos that allow nothing: the message says what to change. */
  public static final int USAGE = 2;

  /** Another driver holds the workspace: try again later. */
  public static final int HELD = 3;

  private ExitCodes() {}
}
