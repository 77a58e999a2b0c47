package dev.tessera.jobs;

import dev.tessera.jobs.workspace.Keys;
import dev.tessera.jobs.workspace.Stage;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** One stage: from published tables to tables in an attempt folder. */
interface StageJob {
  Stage stage();

  /** Key of the stage before, or of the photos. */
  String inputKey(Run run) throws IOException;

  /** Settings and code that the result depends on besides its input. */
  String dependsOn(Run run) throws IOException;

  /** Name of the result: the same for the same input, settings and code. */
  default String key(Run run, String inputKey) throws IOException {
    return Keys.of(stage().word(), Tessera.VERSION, inputKey, dependsOn(run));
  }

  /**
   * Does the work.
   *
   * @param key of the result
   * @return small facts for the manifest: counts, never rows
   */
  Map<String, Object> write(Run run, String key, Path attempt) throws IOException;

  /** One line for the person who watches. */
  String summary(Map<String, Object> facts);

  /** Whether a result that is there, and is the current one, can be taken as it is. */
  default boolean stillValid(Run run, String key) throws IOException {
    return true;
  }
}
