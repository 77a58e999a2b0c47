package dev.tessera.jobs;

import dev.tessera.jobs.workspace.LocalFiles;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;

/** Starts Spark: as spark-submit says where it does, else as the settings say. */
final class SparkSessions {
  private static final String SET_BY_SPARK_SUBMIT = "spark.submit.deployMode";

  private SparkSessions() {}

  /** Access to file systems before there is a session, with the same settings. */
  static Configuration hadoopConfiguration(Settings settings) {
    return SparkHadoopUtil.get().newConfiguration(conf(settings));
  }

  private static SparkConf conf(Settings settings) {
    SparkConf conf = new SparkConf();
    for (Map.Entry<String, String> entry : settings.sparkConf().entrySet()) {
      conf.setIfMissing(entry.getKey(), entry.getValue());
    }
    conf.setIfMissing("spark.hadoop.fs.file.impl", LocalFiles.class.getName());
    return conf;
  }

  static SparkSession open(Settings settings, String masterOption) {
    SparkConf conf = conf(settings);
    if (masterOption != null) {
      conf.setMaster(masterOption);
    }
    conf.setIfMissing("spark.master", settings.text("spark.master"));
    conf.setIfMissing("spark.app.name", "tessera");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    } else if (!conf.contains(SET_BY_SPARK_SUBMIT)) {
      // Nobody sends the classes to executors: they are to find them where this JVM does.
      conf.setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    }
    // Records hold no types that Kryo could register, and it cannot read records.
    conf.setIfMissing("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
