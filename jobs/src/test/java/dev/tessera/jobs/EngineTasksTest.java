package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SfmSpec;
import dev.tessera.sfm.StructureFromMotion;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/** What is said before Spark is started about GPUs that cannot be had. */
class EngineTasksTest {
  private static final EngineSpec CLASSICAL = new SfmSpec(StructureFromMotion.Config.defaults());

  private static final EngineSpec NETWORK = new GpuLogEngine(CLASSICAL, 1);

  @Test
  void gpusThatAreRequiredMustBeOffered() {
    assertThatThrownBy(() -> required(NETWORK, Map.of("spark.master", "spark://host:7077")))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Cannot use setting gpu.use=required: no executor has a GPU; set"
                + " spark.executor.resource.gpu.amount, or dynamic allocation");
    assertThatThrownBy(() -> required(NETWORK, Map.of("spark.master", "local[2]")))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Cannot use setting gpu.use=required on master local[2]: only clusters hand out GPUs");
    assertThatThrownBy(() -> required(CLASSICAL, Map.of("spark.master", "spark://host:7077")))
        .isInstanceOf(UsageException.class)
        .hasMessage("Cannot use setting gpu.use=required: engine sfm computes on the CPU");
  }

  @Test
  void executorsWithGpusOrDynamicAllocationAreEnough() {
    assertThatCode(
            () ->
                required(
                    NETWORK,
                    Map.of("spark.master", "yarn", "spark.executor.resource.gpu.amount", "1")))
        .doesNotThrowAnyException();
    assertThatCode(
            () ->
                required(
                    NETWORK,
                    Map.of("spark.master", "yarn", "spark.dynamicAllocation.enabled", "true")))
        .doesNotThrowAnyException();
  }

  @Test
  void anotherWordIsRefused() {
    assertThatThrownBy(() -> of("yes", NETWORK, Map.of("spark.master", "yarn")))
        .isInstanceOf(UsageException.class)
        .hasMessage("Cannot use setting gpu.use=yes: it is auto, off, required");
  }

  private static EngineTasks required(EngineSpec engine, Map<String, String> spark) {
    return of("required", engine, spark);
  }

  private static EngineTasks of(String use, EngineSpec engine, Map<String, String> spark) {
    SparkConf conf = new SparkConf(false);
    spark.forEach(conf::set);
    return EngineTasks.of(Settings.defaults().withOverride("gpu.use=" + use), engine, conf);
  }
}
