package dev.tessera.jobs;

/** What the process tells its caller. Part of the contract with schedulers. */
public final class ExitCodes {
  /** The map is published, or the stage is done. */
  public static final int OK = 0;

  /** The run failed and published nothing. */
  public static final int FAILED = 1;

  /** Wrong usage: nothing was started. */
  public static final int USAGE = 2;

  /** Another driver holds the workspace: try again later. */
  public static final int HELD = 3;

  private ExitCodes() {}
}
