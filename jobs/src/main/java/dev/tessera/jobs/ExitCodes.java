package dev.tessera.jobs;

/** What the process tells its caller. Part of the contract with schedulers. */
public final class ExitCodes {
  /** The map is published, the stage is done, or the map that was checked keeps all rules. */
  public static final int OK = 0;

  /** The run failed: no new map was published. Or no photo could be localized. */
  public static final int FAILED = 1;

  /** Wrong usage, or photos that allow nothing: the message says what to change. */
  public static final int USAGE = 2;

  /** Another driver holds the workspace: try again later. */
  public static final int HELD = 3;

  /** Another driver took the workspace over while this one was not heard of: it goes on there. */
  public static final int LOST = 4;

  /** A map breaks a rule of its format: it was not published, or must not be used. */
  public static final int INVALID = 5;

  private ExitCodes() {}
}
