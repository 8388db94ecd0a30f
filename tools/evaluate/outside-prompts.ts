/**
 * @file Two hundred ordinary English prompts from outside the small world, hand-written: what people ask assistants all
 * day, and nothing the world knows. A prompt off the map should be recognised as one of these.
 */

/** The prompts. */
export const OUTSIDE_PROMPTS: readonly string[] = `
Write a Python function that reverses a linked list.
How do I center a div with CSS?
What is the difference between a process and a thread?
Explain recursion to a beginner.
Fix this error: undefined is not a function.
Write a SQL query that finds duplicate rows in a table.
How do I undo the last commit in git?
What does the volatile keyword mean in C?
Convert this JSON to a TypeScript interface.
Why is my Docker container restarting in a loop?
Write a regular expression that matches email addresses.
How do I read a CSV file with pandas?
What is Big O notation?
Explain how a hash map works.
Write a bash script that backs up my home directory.
How do I deploy a React app to AWS?
What is the best database for a startup?
Why does my code throw a null pointer exception?
How does garbage collection work in Java?
Who won the Second World War?
What caused the fall of the Roman Empire?
When was the Declaration of Independence signed?
Who was Napoleon Bonaparte?
Tell me about the French Revolution.
What happened at Chernobyl?
Who built the Great Wall of China?
Why did the Berlin Wall fall?
What was the Cold War about?
Who discovered America?
Explain the causes of World War One.
What was the Black Death?
Who was the first emperor of China?
When did the Titanic sink?
What did Martin Luther King say in his famous speech?
Summarize the history of the Ottoman Empire.
Who was Cleopatra?
What is the Magna Carta?
How did the Aztec civilization end?
When did women get the right to vote in Switzerland?
What is the speed of light?
How does photosynthesis work?
Explain quantum entanglement in simple terms.
What is a black hole?
Why is the sky blue?
How do vaccines work?
What is the boiling point of nitrogen?
Explain the theory of relativity.
How many planets are in the solar system?
What is DNA made of?
How do airplanes fly?
What causes earthquakes?
What is the difference between mass and weight?
How does a nuclear reactor produce energy?
What is dark matter?
Why do we dream?
What is the periodic table?
How do antibiotics kill bacteria?
What is the function of mitochondria?
Solve the quadratic equation x^2 - 5x + 6 = 0.
What is the derivative of sin(x)?
Prove that the square root of two is irrational.
What is the integral of 1/x?
Explain the Pythagorean theorem.
What is a prime number?
Calculate the standard deviation of 3, 7, 9 and 15.
What is the probability of rolling two sixes?
Convert 68 degrees Fahrenheit to Celsius.
What is 15 percent of 2,480?
How do I invert a 3x3 matrix?
Explain Bayes' theorem with an example.
What is the greatest common divisor of 84 and 126?
What is an eigenvalue?
Translate "good morning" into Japanese.
How do you say thank you in Swahili?
What does "carpe diem" mean?
Translate this sentence into German: The weather is nice today.
What is the plural of octopus?
Is it "affect" or "effect"?
Conjugate the French verb "être".
What is the longest word in English?
Give me five synonyms for "ambiguous".
Correct the grammar: She don't likes apples.
What language do they speak in Brazil?
What is the difference between Mandarin and Cantonese?
Translate "where is the train station" into Italian.
What does the idiom "break a leg" mean?
How do I pronounce "Worcestershire"?
Who is Taylor Swift dating?
How tall is LeBron James?
Which movies did Leonardo DiCaprio star in?
Who is the richest person in the world?
Tell me about Elon Musk.
When was Beyoncé born?
Who won the Oscar for best actor last year?
Is Tom Cruise married?
How many albums did the Beatles release?
Who played Harry Potter?
What is Cristiano Ronaldo's net worth?
Who wrote Pride and Prejudice?
Who directed Jurassic Park?
Which band sang Bohemian Rhapsody?
Who is the president of the United States?
Who won the election in Germany?
What is happening in the Middle East?
What is the latest news about the stock market?
What did the Federal Reserve decide about interest rates?
Explain Brexit.
What is the Paris climate agreement?
Who is the secretary general of the United Nations?
How does the electoral college work?
Why is inflation rising?
What is the current price of Bitcoin?
How do I invest in index funds?
Should I buy Tesla stock?
How do I file my taxes as a freelancer?
What is a 401k?
What is the difference between a credit card and a debit card?
Explain compound interest.
How do I improve my credit score?
What is blockchain technology?
What is the capital of Mongolia?
What is the longest river in Africa?
How far is the moon from the earth?
Which country has the largest population?
What is the highest mountain in South America?
What should I see in Paris in three days?
Do I need a visa to visit Vietnam?
What is the best time to travel to Iceland?
How long is the flight from London to Sydney?
Recommend hotels near Times Square.
What currency is used in Thailand?
Write a cover letter for a software engineering internship.
Write a LinkedIn post about leadership.
Draft a marketing plan for an online clothing store.
Summarize the plot of Hamlet.
Write a haiku about artificial intelligence.
Write an essay about climate change.
Compose a sonnet in the style of Shakespeare.
Write a product description for wireless headphones.
Create an agenda for a quarterly business review.
Give me ten names for a tech startup.
Write a science fiction story about a robot uprising.
Rewrite this paragraph in a professional tone.
Write a press release announcing a merger.
Design a logo concept for a gym.
Write a rap about the blockchain.
What are the symptoms of diabetes?
How much ibuprofen can an adult take?
What is a normal blood pressure?
How do I lose ten kilograms in three months?
Is intermittent fasting healthy?
What are the side effects of chemotherapy?
What is cognitive behavioral therapy?
How many calories are in an avocado?
What is the recommended protein intake for athletes?
How does the immune system fight viruses?
Explain the rules of cricket.
Who won the World Cup in 2018?
What is the offside rule in football?
How many players are on a basketball team?
Who holds the record for the 100 metres sprint?
What is the best opening in chess?
How do I beat the final boss in Dark Souls?
What is the plot of The Legend of Zelda?
Which graphics card should I buy for gaming?
How do I build a gaming PC?
My iPhone is not charging, what should I do?
How do I reset my Gmail password?
What is the difference between OLED and LCD?
How do I connect my printer to WiFi?
Is Windows 11 better than macOS?
What is machine learning?
How does ChatGPT work?
What is a neural network?
Will artificial intelligence replace programmers?
Explain Kant's categorical imperative.
What is utilitarianism?
Is free will an illusion?
What is the trolley problem?
Summarize Plato's allegory of the cave.
What do Buddhists believe?
What is the difference between Sunni and Shia Islam?
What is supply and demand?
Explain the prisoner's dilemma.
What is gross domestic product?
How does the Supreme Court work?
What is intellectual property law?
Can my employer fire me without notice?
How do solar panels generate electricity?
What is the carbon footprint of a transatlantic flight?
How do electric cars work?
Describe the architecture of the Sagrada Familia.
What is Impressionism?
Who painted Guernica?
Explain sonata form in classical music.
How do I tune a guitar to drop D?
What is the difference between alligators and crocodiles?
How long do elephants live?
Why did the dinosaurs go extinct?
What do blue whales eat?
`
  .trim()
  .split('\n');
