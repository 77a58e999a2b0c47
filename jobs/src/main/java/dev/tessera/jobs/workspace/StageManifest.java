package dev.tessera.jobs.workspace;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * Says that a stage is done, from what, and what came of it. Written last, so that a stage folder
 * with a manifest is complete.
 *
 * @param key identity of the result: inputs and settings, digested
 * @param inputKey key of the stage before
 * @param seconds wall time of the work
 * @param facts counts and other small results that later stages and the report use
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record StageManifest(
    String stage,
    String key,
    String inputKey,
    String runId,
    String finishedAt,
    double seconds,
    Map<String, Object> facts) {

  public long count(String name) {
    return ((Number) facts.get(name)).longValue();
  }

  public double number(String name) {
    return ((Number) facts.get(name)).doubleValue();
  }
}
